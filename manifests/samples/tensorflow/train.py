"""Learns a line through points, of which each worker sees only half of the coordinates.

What a worker cannot see it learns from the others' gradients alone, so the weights come out right
only if all of them worked together.
"""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # Keras 3 cannot fit on several workers

import numpy as np
import tensorflow as tf
import tf_keras as keras

COORDINATES, POINTS, STEPS, RATE = 8, 256, 200, 0.1
true_weights = np.arange(1, COORDINATES + 1, dtype=np.float32)

strategy = tf.distribute.MultiWorkerMirroredStrategy()
workers = strategy.num_replicas_in_sync
worker = strategy.cluster_resolver.task_id
assert workers == int(os.environ["NUM_LEARNERS"]), workers

points = np.random.default_rng(worker).normal(size=(POINTS, COORDINATES)).astype(np.float32)
points[:, np.arange(COORDINATES) % workers != worker] = 0

dataset = tf.data.Dataset.from_tensor_slices((points, points @ true_weights))
dataset = dataset.repeat().batch(POINTS * workers)  # of all workers together
# Each worker has points of its own already.
options = tf.data.Options()
options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF

with strategy.scope():
    model = keras.Sequential(
        [keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", input_shape=(COORDINATES,))]
    )
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
model.fit(dataset.with_options(options), steps_per_epoch=STEPS, verbose=0)

learned = model.get_weights()[0].flatten()
print(f"worker {worker} of {workers} learned {learned.round(2)}", flush=True)
assert np.allclose(learned, true_weights, atol=0.05), learned
