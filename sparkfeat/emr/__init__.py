"""Amazon EMR: what a cluster or a serverless job is asked for, and how it is launched, followed and ended.

The only place that calls the EMR API. `spec` turns a configuration into requests without any call;
`launch` and `follow` make the calls.
"""
