"""The explorers, a room each; `helpers.widgets` names them all."""
