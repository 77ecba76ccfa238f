/* One precision of kernels_impl.h: the vector layer, then each body on top of the last. */
#include VECTOR_LAYER

#include "math_impl.h"

#include "matmul_impl.h"

#include "sparse_impl.h"

#include "elementwise_impl.h"

#include "softmax_impl.h"

#include "loss_impl.h"

#include "curves_impl.h"

#include "dense_impl.h"

#include "optimizer_impl.h"

#include "plan_impl.h"

#include "nonzeros_impl.h"

#include "forward_impl.h"

#include "scoring_impl.h"

#include "train_impl.h"

#include "evaluate_impl.h"
