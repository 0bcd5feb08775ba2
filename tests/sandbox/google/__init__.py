"""Tests of sandbox/google: each holds the simulator to one documented or observed fact."""
