/* model_tool_main.c - the program behind `edgectl model`. */
#include "process/worker.h"

int main(int argc, char **argv)
{
	return role_model_tool(argc, argv);
}
