// SPDX-License-Identifier: MIT
// A module that is no driver.
int not_a_driver(void);

int not_a_driver(void)
{
    return 0;
}
