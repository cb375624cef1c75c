"""The certificate of a verification, its evidence and exports, and the stand-alone check."""
