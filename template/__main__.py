"""The monolith and the services cut out of it. What else this project needs may be made here too."""

from pathlib import Path

from pulumi_strangler import deploy

deploy(Path(__file__).resolve().parent)
