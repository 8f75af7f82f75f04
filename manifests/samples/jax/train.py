"""Learns a line through points, of which each process sees only half of the coordinates.

What a process cannot see it learns from the others' gradients alone, so the weights come out right
only if all of them worked together.
"""
import os

import jax

jax.config.update("jax_cpu_collectives_implementation", "gloo")  # for learners without GPUs
jax.distributed.initialize(
    num_processes=int(os.environ["JAX_NUM_PROCESSES"]), process_id=int(os.environ["JAX_PROCESS_ID"])
)

import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

COORDINATES, POINTS, STEPS, RATE = 8, 256, 200, 0.1
true_weights = np.arange(1, COORDINATES + 1, dtype=np.float32)


def points_of(process):
    points = np.random.default_rng(process).normal(size=(POINTS, COORDINATES)).astype(np.float32)
    points[:, np.arange(COORDINATES) % jax.process_count() != process] = 0
    return points


@jax.jit
def step(weights, points, values):
    # The points lie on all processes: XLA adds up what each of them contributes.
    gradient = jax.grad(lambda w: jnp.mean((points @ w - values) ** 2))(weights)
    return weights - RATE * gradient


mesh = Mesh(np.array(jax.devices()), ("process",))
mine = points_of(jax.process_index())
by_process = NamedSharding(mesh, PartitionSpec("process"))
points = jax.make_array_from_process_local_data(by_process, mine)
values = jax.make_array_from_process_local_data(by_process, mine @ true_weights)
weights = jax.device_put(np.zeros(COORDINATES, np.float32), NamedSharding(mesh, PartitionSpec()))
for _ in range(STEPS):
    weights = step(weights, points, values)

learned = np.asarray(weights.addressable_data(0))
print(f"process {jax.process_index()} of {jax.process_count()} learned {learned.round(2)}", flush=True)
assert np.allclose(learned, true_weights, atol=0.05), learned
everywhere = multihost_utils.process_allgather(learned)
assert everywhere.shape == (int(os.environ["NUM_LEARNERS"]), COORDINATES), everywhere.shape
assert (everywhere == learned).all(), everywhere
