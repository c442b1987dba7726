/** Exit code for arguments that are not usable (sysexits.h). */
export const EX_USAGE = 64
/** Exit code for settings that are not usable (sysexits.h). */
export const EX_CONFIG = 78
/** Exit code for something that may pass (sysexits.h). */
export const EX_TEMPFAIL = 75

/** A fault of the operator's to mend (settings, folder, database): `main.ts` prints it without a stack and exits. */
export class OperatorError extends Error {
  readonly exitCode: number

  /** @param exitCode one of the codes above */
  constructor(message: string, exitCode: number) {
    super(message)
    this.name = 'OperatorError'
    this.exitCode = exitCode
  }
}

/** Something that the server needs does not answer, or refuses: the request fails with 503, and may be sent again. */
export class Unavailable extends Error {
  /** What does not answer, for the caller to read. */
  readonly part: string

  /** @param reason for the log */
  constructor(part: string, reason: string) {
    super(`${part} does not answer: ${reason}`)
    this.name = 'Unavailable'
    this.part = part
  }
}

/** A costly read took longer than such a read may: less has to be asked for at once. */
export class ReadTooLong extends Error {
  readonly seconds: number

  constructor(milliseconds: number, cause: unknown) {
    super(`A read took longer than ${milliseconds} ms`, { cause })
    this.name = 'ReadTooLong'
    this.seconds = Math.ceil(milliseconds / 1000)
  }
}
