Cost 375
