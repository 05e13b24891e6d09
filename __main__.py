"""Strangler: reads the settings of a stack, deploys its environments, services and facade, and exports where they
are."""

from pathlib import Path

from components import deploy

deploy(Path(__file__).resolve().parent)
