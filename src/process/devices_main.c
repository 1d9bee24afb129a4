/* devices_main.c - the program behind `edgectl devices`. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_devices(argc, argv);
}
