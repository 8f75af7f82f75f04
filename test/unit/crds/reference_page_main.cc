// Prints docs/reference/trainingjob.md.
#include <iostream>

#include "test/unit/crds/reference_page.h"

int main() { std::cout << ffdl::test::ReferencePage(ffdl::test::LoadCrd()); }
