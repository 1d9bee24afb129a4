/* publish_main.c - the program of the role publish. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_publish(argc, argv);
}
