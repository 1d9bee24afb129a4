/* pipeline_main.c - the program of the role pipeline, for models without float convolutions. */
#include "process/worker.h"

const bool pipeline_program_has_blas = false;

int main(int argc, char **argv)
{
	return role_pipeline(argc, argv);
}
