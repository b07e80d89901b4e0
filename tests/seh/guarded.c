// SPDX-License-Identifier: MIT
// The ways out of a guarded body. Each function notes what it passes; the end compares the notes
// with what Microsoft's compiler makes of the same code. In C and in C++.
#include <wdm/seh.h>

#include <stdio.h>
#include <string.h>

static char notes[64];
static int failures;

static void note(char what) {
    const size_t length = strlen(notes);
    notes[length] = what;
    notes[length + 1] = '\0';
}

static void expect(const char* name, int seen, int right, const char* right_notes) {
    if (seen != right || strcmp(notes, right_notes) != 0) {
        printf("%s: %d %s, not %d %s\n", name, seen, notes, right, right_notes);
        ++failures;
    }
    notes[0] = '\0';
}

static int to_the_end(void) {
    __try {
        note('b');
    } __finally {
        note('f');
    }
    return 1;
}

static int by_return(int early) {
    int value = 5;
    __try {
        if (early)
            return value;
        else
            note('e');
        note('b');
    } __finally {
        value = 7;
        note('f');
    }
    return value;
}

static void by_return_of_nothing(int early) {
    __try {
        if (early) {
            return;
        }
        note('b');
    } __finally {
        note('f');
    }
    note('a');
}

static const char* by_return_of_null(int early) {
    __try {
        if (early) {
            return NULL;
        }
    } __finally {
        note('f');
    }
    return "";
}

static int by_goto(int where) {
    __try {
        if (where == 0) {
            goto inside;
        }
        if (where == 1) {
            goto outside;
        }
        note('b');
    inside:
        note('i');
    } __finally {
        note('f');
    }
    note('a');
outside:
    note('o');
    return where;
}

static int by_loops(void) {
    int turn;
    for (turn = 0; turn < 4; ++turn) {
        __try {
            int inner;
            for (inner = 0; inner < 3; ++inner) {
                if (inner == 1) {
                    break;
                }
                note('i');
            }
            switch (turn) {
                case 1:
                    continue;
                case 2:
                    break;
                default:
                    note('d');
            }
            if (turn == 3) {
                break;
            }
            note('b');
        } __finally {
            note('f');
        }
        note('a');
    }
    return turn;
}

static int by_leave(int how) {
    int turn;
    __try {
        for (turn = 0; turn < 3; ++turn) {
            if (how == 1)
                __leave;
            switch (how) {
                case 2:
                    __leave;
                default:
                    break;
            }
        }
        note('b');
    } __finally {
        note(AbnormalTermination() ? 'A' : 'f');
    }
    return how;
}

static int says_whether_abnormal(int early) {
    __try {
        if (early) {
            return 1;
        }
    } __finally {
        note(AbnormalTermination() ? 'A' : 'n');
    }
    return 0;
}

static int nested(int how) {
    __try {
        __try {
            if (how == 1) {
                return 1;
            }
            if (how == 2) {
                __leave;
            }
            note('b');
        } __finally {
            note('1');
            __try {
                note('t');
            } __finally {
                note('T');
            }
        }
        if (how == 3) {
            __leave;
        }
        note('m');
    } __finally {
        note('2');
    }
    return 0;
}

static int within_except(int how) {
    __try {
        __try {
            if (how == 1) {
                return 1;
            }
            if (how == 2) {
                __leave;
            }
            note('b');
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            note('!');
        }
        note('m');
    } __finally {
        note('f');
    }
    return 0;
}

static int except_alone(int how) {
    int turn;
    for (turn = 0; turn < 2; ++turn) {
        __try {
            if (how == 1) {
                break;
            }
            if (how == 2) {
                return 7;
            }
            if (how == 3) {
                __leave;
            }
            note('b');
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            note('!');
        }
        note('a');
    }
    return turn;
}

#define LEAVE_IF(condition) \
    do {                    \
        if (condition) {    \
            return -1;      \
        }                   \
    } while (0)

static int by_macro(int early) {
    int depth = 0;
    do {
        __try {
            LEAVE_IF(early);
            ++depth;
        } __finally {
            note('f');
        }
    } while (depth < 2);
    return depth;
}

static int one_after_another(void) {
    __try {
        note('1');
    } __finally {
        note('f');
    }
    __try {
        return 2;
    } __finally {
        note('g');
    }
}

int main(void) {
    expect("to_the_end", to_the_end(), 1, "bf");
    expect("by_return(0)", by_return(0), 7, "ebf");
    expect("by_return(1)", by_return(1), 5, "f");
    by_return_of_nothing(1);
    expect("by_return_of_nothing(1)", 0, 0, "f");
    by_return_of_nothing(0);
    expect("by_return_of_nothing(0)", 0, 0, "bfa");
    expect("by_return_of_null", by_return_of_null(1) == NULL, 1, "f");
    expect("by_goto(0)", by_goto(0), 0, "ifao");
    expect("by_goto(1)", by_goto(1), 1, "fo");
    expect("by_goto(2)", by_goto(2), 2, "bifao");
    expect("by_loops", by_loops(), 3, "idbfaifibfaidf");
    expect("by_leave(0)", by_leave(0), 0, "bf");
    expect("by_leave(1)", by_leave(1), 1, "f");
    expect("by_leave(2)", by_leave(2), 2, "f");
    expect("says_whether_abnormal(0)", says_whether_abnormal(0), 0, "n");
    expect("says_whether_abnormal(1)", says_whether_abnormal(1), 1, "A");
    expect("nested(0)", nested(0), 0, "b1tTm2");
    expect("nested(1)", nested(1), 1, "1tT2");
    expect("nested(2)", nested(2), 0, "1tTm2");
    expect("nested(3)", nested(3), 0, "b1tT2");
    expect("within_except(0)", within_except(0), 0, "bmf");
    expect("within_except(1)", within_except(1), 1, "f");
    expect("within_except(2)", within_except(2), 0, "mf");
    expect("except_alone(0)", except_alone(0), 2, "baba");
    expect("except_alone(1)", except_alone(1), 0, "");
    expect("except_alone(2)", except_alone(2), 7, "");
    expect("except_alone(3)", except_alone(3), 2, "aa");
    expect("by_macro(0)", by_macro(0), 2, "ff");
    expect("by_macro(1)", by_macro(1), -1, "f");
    expect("one_after_another", one_after_another(), 2, "1fg");
    printf("%d failures\n", failures);
    return failures != 0;
}
