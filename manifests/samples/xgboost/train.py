"""Learns to read handwritten digits, of which each learner sees only some: 0, 2, 4... or 1, 3, 5...

The trees of all learners are the same, and tell digits that a learner has never seen, only if they
were grown together.
"""
import hashlib
import os

import xgboost
from sklearn.datasets import load_digits
from xgboost.tracker import RabitTracker

TESTED, ROUNDS, ACCURACY_MIN = 400, 20, 0.85
rank, learners = int(os.environ["RANK"]), int(os.environ["DMLC_NUM_WORKER"])
port = int(os.environ["DMLC_TRACKER_PORT"])

if rank == 0:
    tracker = RabitTracker(learners, "0.0.0.0", port, sortby="task")
    tracker.start()
with xgboost.collective.CommunicatorContext(
    dmlc_tracker_uri=os.environ["DMLC_TRACKER_URI"],
    dmlc_tracker_port=port,
    dmlc_task_id=os.environ["DMLC_TASK_ID"],
):
    assert xgboost.collective.get_rank() == rank
    assert xgboost.collective.get_world_size() == int(os.environ["NUM_LEARNERS"])
    images, digits = load_digits(return_X_y=True)
    images_tested, digits_tested = images[-TESTED:], digits[-TESTED:]
    images, digits = images[:-TESTED], digits[:-TESTED]
    mine = digits % learners == rank
    booster = xgboost.train(
        {"objective": "multi:softmax", "num_class": 10, "nthread": 1},
        xgboost.DMatrix(images[mine], digits[mine]),
        ROUNDS,
    )

    read = booster.predict(xgboost.DMatrix(images_tested))
    accuracy = (read == digits_tested).mean()
    print(f"learner {rank + 1} of {learners} reads {accuracy:.1%}", flush=True)
    assert accuracy >= ACCURACY_MIN, accuracy
    digest = hashlib.sha256(booster.save_raw("json")).hexdigest()
    assert xgboost.collective.broadcast(digest, 0) == digest, "the learners grew different trees"
if rank == 0:
    tracker.wait_for()
