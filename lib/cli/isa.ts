/**
 * A document for `--json`, in which the kernel set is called `isa`, as in SPARSE_TRAIN_ISA. The API and the files that it
 * writes say `kernelSet`.
 */
export function withIsa<T extends { readonly kernelSet?: string | undefined }>({
  kernelSet,
  ...rest
}: T): Omit<T, 'kernelSet'> & { isa: string | undefined } {
  return { ...rest, isa: kernelSet };
}
