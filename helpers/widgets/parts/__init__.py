"""What explorers share: state, controls, pictures, grids of numbers, walking."""
