import chromium from '@sparticuz/chromium'

/** Unpacks the Chromium that comes with the packages into the folder for temporary files. @returns its path */
export async function provideBrowser(): Promise<string> {
  return process.env.CHROMIUM ?? (await chromium.executablePath())
}
