/* describe_main.c - the program of the role describe. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_describe(argc, argv);
}
