"""What a machine needs that reaches package registries and nothing else: the Pulumi CLI from its sources, a language
host, a docker plugin, base images from the machine's own files, a Docker engine of Debian's. Where the real ones can be
downloaded, none of this runs."""
