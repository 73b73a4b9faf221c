package engine

// Revision counts the changes to what the same mappings make of the same alerts: whoever
// makes one raises it. A run with another Revision replaces what earlier runs wrote, as one
// with another mapping does; other differences between two versions do not matter to it.
const Revision = 3
