/* why_main.c - the program behind `edgectl why`. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_why(argc, argv);
}
