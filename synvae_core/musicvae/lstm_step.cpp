// The arithmetic of one LSTM step over a batch, forwards and backwards, each in one pass over memory.
// Gates lie side by side in the order input, candidate, forget, output, [batch, 4 * width]. What the matrix
// products read and write is bfloat16, states are float. synvae_core/musicvae/step.py has the same in torch.
#include <cstdint>
#include <cstring>

namespace {

using bfloat16 = uint16_t;

inline float widened(bfloat16 x) {
    uint32_t bits = uint32_t(x) << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

inline bfloat16 narrowed(float x) {  // to the nearest, ties to even
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    return bfloat16((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// 2 to the power of x, relative error below 1e-7: a polynomial (fitted on Chebyshev nodes) for the fraction, the
// exponent's bits for the whole part. Adding 1.5 * 2^23 rounds, and leaves the whole part in the low bits.
inline float power_of_two(float x) {
    x = x < -126.0f ? -126.0f : x;
    x = x > 126.0f ? 126.0f : x;
    float rounded = x + 12582912.0f, part = x - (rounded - 12582912.0f);
    float y = 0.0013267f;
    y = y * part + 0.00967546f;
    y = y * part + 0.05550743f;
    y = y * part + 0.24022122f;
    y = y * part + 0.69314695f;
    y = y * part + 1.00000007f;
    uint32_t whole, bits;
    std::memcpy(&whole, &rounded, 4);
    std::memcpy(&bits, &y, 4);
    bits += whole << 23;
    std::memcpy(&y, &bits, 4);
    return y;
}

inline float logistic(float x) { return 1.0f / (1.0f + power_of_two(-1.44269504f * x)); }
inline float hyperbolic_tangent(float x) { return 2.0f * logistic(2.0f * x) - 1.0f; }

}  // namespace

// Rows of `held` lie held_stride apart (0: one row for all), those of `h` h_stride apart.
extern "C" void lstm_forward(int64_t batch, int64_t width, int threads, const bfloat16* gates, const float* held,
                             int64_t held_stride, const float* c, bfloat16* acts, float* c_next, bfloat16* h,
                             int64_t h_stride) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t row = 0; row < batch; ++row) {
        const bfloat16* gate = gates + row * 4 * width;
        const float* hold = held + row * held_stride;
        const float* before = c + row * width;
        bfloat16* act = acts + row * 4 * width;
        float* after = c_next + row * width;
        bfloat16* out = h + row * h_stride;
#pragma omp simd
        for (int64_t k = 0; k < width; ++k) {
            float i = logistic(widened(gate[k]) + hold[k]);
            float g = hyperbolic_tangent(widened(gate[width + k]) + hold[width + k]);
            float f = logistic(widened(gate[2 * width + k]) + hold[2 * width + k] + 1.0f);  // the forget bias
            float o = logistic(widened(gate[3 * width + k]) + hold[3 * width + k]);
            float state = before[k] * f + i * g;
            act[k] = narrowed(i);
            act[width + k] = narrowed(g);
            act[2 * width + k] = narrowed(f);
            act[3 * width + k] = narrowed(o);
            after[k] = state;
            out[k] = narrowed(o * hyperbolic_tangent(state));
        }
    }
}

// `dc` comes as the gradient of c_next and leaves as that of c; rows of `dh` lie dh_stride apart.
extern "C" void lstm_backward(int64_t batch, int64_t width, int threads, const bfloat16* acts, const float* c,
                              const float* c_next, const bfloat16* dh, int64_t dh_stride, float* dc,
                              bfloat16* d_gates) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t row = 0; row < batch; ++row) {
        const bfloat16* act = acts + row * 4 * width;
        const float* before = c + row * width;
        const float* after = c_next + row * width;
        const bfloat16* d_out = dh + row * dh_stride;
        float* d_state = dc + row * width;
        bfloat16* d_gate = d_gates + row * 4 * width;
#pragma omp simd
        for (int64_t k = 0; k < width; ++k) {
            float i = widened(act[k]), g = widened(act[width + k]);
            float f = widened(act[2 * width + k]), o = widened(act[3 * width + k]);
            float t = hyperbolic_tangent(after[k]), d = widened(d_out[k]);
            float total = d_state[k] + d * o * (1.0f - t * t);
            d_gate[k] = narrowed(total * g * i * (1.0f - i));
            d_gate[width + k] = narrowed(total * i * (1.0f - g * g));
            d_gate[2 * width + k] = narrowed(total * before[k] * f * (1.0f - f));
            d_gate[3 * width + k] = narrowed(d * t * o * (1.0f - o));
            d_state[k] = total * f;
        }
    }
}
