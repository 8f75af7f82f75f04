"""Imports what a training program imports, which shows that the image works."""
import numpy
import torch
import torch.distributed.run
import torch.nn.parallel
import torch.optim
import torch.utils.data

assert torch.distributed.is_gloo_available()
assert torch.equal(torch.ones(8, 8) @ torch.ones(8, 8), torch.full((8, 8), 8.0))
assert numpy.allclose(numpy.linalg.inv(2 * numpy.eye(3)), numpy.eye(3) / 2)
