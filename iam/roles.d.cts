/** The calls each function makes, by its key: `port.method` of clients/ports.ts, or `cluster` for the Kubernetes API. */
export declare const CALLS: Readonly<Record<string, readonly string[]>>;
/** Keys of the functions that reach the Kubernetes API, by the group of kubernetes/rbac.yaml that their roles belong to. */
export declare const KUBERNETES_GROUPS: Readonly<Record<string, readonly string[]>>;
/** The IAM statements each call needs, for a scope of name patterns. */
export declare function GRANTS(
  scope: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly { readonly Action: readonly string[] }[]>>;
