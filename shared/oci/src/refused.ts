/** A save cannot be done for a reason that a person should read, and that trying again will not change. */
export class SaveRefused extends Error {}
