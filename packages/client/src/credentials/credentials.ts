/** Who signs, and until when. The shape of AWS SDK v3's identities, so that its providers fit. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** From then on they are refused; absent for those that last. */
  readonly expiration?: Date | undefined;
}

/**
 * Finds credentials anew each time it is asked; whoever asks keeps them. Any provider function of AWS SDK v3 is one:
 * those that remember what they found forget it when asked with `forceRefresh`.
 */
export type CredentialProvider = (options?: { forceRefresh?: boolean }) => Promise<Credentials>;
