/* capture_main.c - the program of the role capture. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_capture(argc, argv);
}
