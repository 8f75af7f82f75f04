"""Learns to read handwritten digits, with one learner or with many.

Every learner trains on its share of the digits; after each batch the learners average what they found
(DistributedDataParallel), so that all hold the same network. Learner 1 also writes the files.

What it reads from its environment, all of it optional:
  RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT   who the learners are and where they meet
  MNIST_DIR        images-idx3-ubyte and labels-idx1-ubyte             (/opt/mnist)
  RESULT_DIR       where the model and results.json go                 (.)
  CHECKPOINT_DIR   where the state of the training is kept             (RESULT_DIR)
  EPOCHS           how often to look at all the digits                 (6)
  TRAINING_ID      the job; a checkpoint of another job is left alone
"""
import datetime
import json
import os
import signal
import struct
import sys
import time
from pathlib import Path

# Read by torch when it is loaded. A learner has about one core; and while one waits for another that starts
# later, torch would warn every second.
for name, value in {"OMP_NUM_THREADS": "1", "GLOG_minloglevel": "2", "TORCH_CPP_LOG_LEVEL": "ERROR"}.items():
    os.environ.setdefault(name, value)

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402
from torch.utils.data.distributed import DistributedSampler  # noqa: E402

SEED = 20
BATCH_OF_ALL_LEARNERS = 64  # shared out, so the number of learners does not change what is learned
HIGHEST_LEARNING_RATE = 2e-3
LONGEST_WAIT = datetime.timedelta(minutes=10)  # for another learner, at the start and in every exchange
STOPPED = 128 + signal.SIGTERM


class Learners:
    """This learner and the others. With WORLD_SIZE 1 nothing is exchanged and no address is needed."""

    def __init__(self):
        self.rank = int(os.environ.get("RANK") or 0)
        self.count = int(os.environ.get("WORLD_SIZE") or 1)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.stop_asked = False
        if self.count > 1:
            self.say(f"meets the others at {os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}")
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
        # From here on there may be something to save; before, SIGTERM just ends the process.
        signal.signal(signal.SIGTERM, self._ask_to_stop)

    def _ask_to_stop(self, _signal, _frame):
        self.stop_asked = True

    @property
    def writes_files(self):
        return self.rank == 0

    def say(self, text):
        print(f"learner {self.rank + 1}/{self.count} {text}", flush=True)

    def same_on_all(self, model):
        return DistributedDataParallel(model) if self.count > 1 else model

    def sum(self, *values):
        total = torch.tensor(values, dtype=torch.float32, device=self.device)
        if self.count > 1:
            dist.all_reduce(total)
        return total.tolist()

    def any_was_asked_to_stop(self):
        return self.sum(float(self.stop_asked))[0] > 0

    def leave(self):
        if self.count > 1:
            dist.destroy_process_group()


class Digits:
    """Pictures and labels: every fifth one is for the test, the others are for training."""

    def __init__(self, folder, device):
        pictures = read_idx(folder / "images-idx3-ubyte").to(device).float().div(255).unsqueeze(1)
        labels = read_idx(folder / "labels-idx1-ubyte").to(device).long()
        for_test = torch.arange(len(labels), device=device) % 5 == 0
        self.train = pictures[~for_test], labels[~for_test]
        self.test = pictures[for_test], labels[for_test]


def read_idx(path):
    """The format of the MNIST files: a magic number that holds the number of dimensions, sizes, bytes."""
    data = bytearray(path.read_bytes())
    magic = struct.unpack_from(">I", data)[0]
    dimensions = magic & 0xFF
    if magic >> 8 != 0x08:
        raise ValueError(f"{path} is not an idx file of bytes")
    sizes = struct.unpack_from(f">{dimensions}I", data, 4)
    return torch.frombuffer(data, dtype=torch.uint8, offset=4 + 4 * dimensions).reshape(sizes)


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 4 * 4, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def write(path, save):
    """All or nothing: a reader never finds half a file, whenever we are stopped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    save(unfinished)
    with open(unfinished, "rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)


class Training:
    def __init__(self, learners, digits, epochs, checkpoint):
        self.learners, self.digits, self.epochs, self.checkpoint = learners, digits, epochs, checkpoint
        self.job = os.environ.get("TRAINING_ID", "")
        self.model = network().to(learners.device)
        self.optimizer = torch.optim.Adam(self.model.parameters())
        self.epoch, self.batch = 0, 0  # how much is done: whole epochs, and batches of the next one
        self.sampler = DistributedSampler(
            range(len(digits.train[1])), learners.count, learners.rank, shuffle=True, seed=SEED
        )
        self.share = max(1, BATCH_OF_ALL_LEARNERS // learners.count)
        self.batches = -(-len(self.sampler) // self.share)

    def save(self):
        state = {"job": self.job, "epoch": self.epoch, "batch": self.batch,
                 "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}  # fmt: skip
        write(self.checkpoint, lambda path: torch.save(state, path))

    def resume(self):
        """Every learner reads the same file, so all agree on where to go on."""
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, map_location=self.learners.device)
        if state["job"] != self.job:
            self.learners.say(f"leaves the checkpoint of job {state['job']} alone and starts anew")
            return
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.batch = state["epoch"], state["batch"]
        self.learners.say(
            f"goes on from a checkpoint: {self.epoch} of {self.epochs} epochs and {self.batch} batches are done"
        )

    def run(self):
        """Returns whether the training was finished; if not, learner 1 has saved where it stands."""
        shared_model = self.learners.same_on_all(self.model)
        while self.epoch < self.epochs:
            started = time.monotonic()
            loss = self.train_epoch(shared_model)
            if loss is None:
                return False
            self.epoch, self.batch = self.epoch + 1, 0
            accuracy = self.accuracy()
            if self.learners.writes_files:
                self.save()
            self.learners.say(
                f"epoch {self.epoch}/{self.epochs} loss {loss:.4f} accuracy {accuracy:.4f}"
                f" ({time.monotonic() - started:.1f} s)"
            )
        return True

    def train_epoch(self, shared_model):
        """The mean loss of this learner's digits, or None when a learner was asked to stop."""
        pictures, labels = self.digits.train
        self.sampler.set_epoch(self.epoch)  # another order each time, the same after a restart
        order = torch.tensor(list(self.sampler), device=self.learners.device).split(self.share)
        losses = []
        for chosen in order[self.batch :]:
            if self.learners.any_was_asked_to_stop():
                return None
            self.set_learning_rate()
            loss = nn.functional.cross_entropy(shared_model(pictures[chosen]), labels[chosen])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.batch += 1
            losses.append(loss.detach())
        return torch.stack(losses).mean().item() if losses else 0.0

    def set_learning_rate(self):
        done = (self.epoch * self.batches + self.batch) / (self.epochs * self.batches)
        for group in self.optimizer.param_groups:
            group["lr"] = HIGHEST_LEARNING_RATE * (1 - done)

    @torch.no_grad()
    def accuracy(self):
        """Each learner tests its share, no digit twice, and the counts are added up."""
        pictures, labels = (part[self.learners.rank :: self.learners.count] for part in self.digits.test)
        right = (self.model(pictures).argmax(dim=1) == labels).sum().item()
        right, seen = self.learners.sum(right, len(labels))
        return right / seen


def write_results(training, folder, seconds):
    accuracy = training.accuracy()
    learners = training.learners
    if learners.writes_files:
        results = {"accuracy": round(accuracy, 4), "epochs": training.epochs, "learners": learners.count,
                   "test_digits": len(training.digits.test[1]), "seconds": round(seconds, 1)}  # fmt: skip
        weights = {name: value.cpu() for name, value in training.model.state_dict().items()}
        write(folder / "model.pt", lambda path: torch.save(weights, path))
        write(folder / "results.json", lambda path: path.write_text(json.dumps(results) + "\n"))
    learners.say(f"finished with accuracy {accuracy:.4f} in {seconds:.1f} s")


def main():
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(SEED)
    results = Path(os.environ.get("RESULT_DIR") or ".")
    checkpoint = Path(os.environ.get("CHECKPOINT_DIR") or results) / "checkpoint.pt"
    learners = Learners()
    started = time.monotonic()
    digits = Digits(Path(os.environ.get("MNIST_DIR") or "/opt/mnist"), learners.device)
    learners.say(
        f"trains on its share of {len(digits.train[1])} digits, tests with {len(digits.test[1])} others,"
        f" on {learners.device.type}, torch {torch.__version__}"
    )
    training = Training(learners, digits, int(os.environ.get("EPOCHS") or 6), checkpoint)
    training.resume()
    try:
        finished = training.run()
    except RuntimeError as error:  # what torch raises when another learner is gone
        if learners.writes_files:
            training.save()
        learners.say(f"lost another learner after {training.epoch} epochs and {training.batch} batches: {error}")
        return STOPPED if learners.stop_asked else 1
    if not finished:
        if learners.writes_files:
            training.save()
        learners.say(f"was asked to stop after {training.epoch} epochs and {training.batch} batches")
        return STOPPED
    write_results(training, results, time.monotonic() - started)
    learners.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
