/** The mark of the product. @param size in pixels */
export function Shield({ size = 28 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 2 4 6.5v8.2C4 22 9 27.600 16 30c7-2.400 12-8 12-15.300V6.500Z" fill="#2553c8" />
      <path
        d="m10.500 16 4 4 7.500-8"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
