/* record_main.c - the program of the role record. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_record(argc, argv);
}
