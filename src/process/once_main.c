/* once_main.c - the program of the role once. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_once(argc, argv);
}
