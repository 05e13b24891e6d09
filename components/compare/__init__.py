"""The comparison: the same requests to the old side twice and to the new side once. No Pulumi.

What differs between the two old answers is noise; what differs between old and new beyond that is a finding.
"""
