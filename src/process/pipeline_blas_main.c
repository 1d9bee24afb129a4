/* pipeline_blas_main.c - the same program with OpenBLAS, for float models. */
#include "process/worker.h"

const bool pipeline_program_has_blas = true;

int main(int argc, char **argv)
{
	return role_pipeline(argc, argv);
}
