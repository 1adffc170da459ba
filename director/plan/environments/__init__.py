"""An environment's landing zone and stemcells."""
