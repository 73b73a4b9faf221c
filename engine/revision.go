package engine

// Revision counts the changes to what the same mappings make of the same alerts: whoever
// makes one raises it. A run with another Revision replaces what earlier runs wrote, as one
// with another mapping does; other differences between two versions do not matter to it. So whoever
// changes which rows share an object raises it too, also by their encoded size: a run leaves alone
// what it would write under the same name.
const Revision = 8
