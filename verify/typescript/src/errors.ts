/** The refusal of a document. Its code is the error of the specification, such as `receipt.root`. */
export class Rejection extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = "Rejection";
  }
}

/** Returns only if the condition holds; otherwise rejects with the code. */
export function demand(condition: boolean, code: string): asserts condition {
  if (!condition) throw new Rejection(code);
}

/** The code with which the action rejects, or null if it does not reject. Other errors pass through. */
export function rejectionOf(action: () => void): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof Rejection) return error.code;
    throw error;
  }
}
