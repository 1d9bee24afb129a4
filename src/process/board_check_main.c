/* board_check_main.c - the program behind `edgectl check`. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_board_check(argc, argv);
}
