/** A fault of the operator's to mend (settings, folder, database): `main.ts` prints it without a stack and exits. */
export class OperatorError extends Error {
  readonly exitCode: number

  /** @param exitCode 78 (`EX_CONFIG`) for settings, 75 (`EX_TEMPFAIL`) for something that may pass */
  constructor(message: string, exitCode: number) {
    super(message)
    this.name = 'OperatorError'
    this.exitCode = exitCode
  }
}
