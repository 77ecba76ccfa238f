import bomb
