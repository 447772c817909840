#pragma once

#include "../../extras/catch_amalgamated.hpp"
