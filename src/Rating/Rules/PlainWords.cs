using System.Collections.Frozen;

namespace Exchange.Rating;

/// <summary>
/// The words that the exchange understands where something is counted: what can be counted and how it is priced. A list
/// of words for what leaves is never complete; this one need not be: whoever uses another word says what it means.
/// </summary>
internal static class PlainWords
{
    private static readonly FrozenSet<string> All = new[]
    {
        // What can be counted.
        "request", "requests", "req", "reqs", "call", "calls", "invocation", "invocations", "function", "functions",
        "query", "queries", "message", "messages", "queue", "queues", "token", "tokens", "input", "prompt",
        "prompts", "completion", "completions", "inference", "embedding", "embeddings", "api", "get", "gets", "put",
        "puts", "list", "lists", "head", "delete", "deletes", "read", "reads", "write", "writes", "op", "ops",
        "operation", "operations", "io", "iops", "job", "jobs", "run", "runs", "task", "tasks", "batch", "batches",
        "load", "loads", "bitstream", "bitstreams", "scan", "scans", "scanned", "image", "images", "page", "pages",
        "license", "licenses", "licence", "licences", "ingress", "energy", "power", "busy", "joule", "joules", "kwh",
        "wh",

        // On what.
        "cpu", "vcpu", "gpu", "fpga", "core", "cores", "node", "nodes", "server", "servers", "vm", "pod",
        "container", "object", "objects", "bucket", "buckets", "blob", "blobs", "file", "files", "volume", "volumes",
        "disk", "disks", "block", "blocks", "storage", "store", "stored", "backup", "backups", "archive", "archives",
        "snapshot", "snapshots", "tape", "database", "table", "tables", "row", "rows", "record", "records", "model",
        "models", "swift", "ceph", "openstack", "openshift", "kubernetes",

        // How much of it, and how it is priced.
        "gb", "gib", "tb", "tib", "mb", "mib", "kb", "kib", "pb", "pib", "byte", "bytes", "data", "hour", "hours",
        "hr", "day", "days", "month", "months", "year", "minute", "minutes", "min", "second", "seconds", "per", "of",
        "and", "for", "the", "each", "in", "at", "by", "on", "million", "millions", "thousand", "thousands",
        "hundred", "unit", "units", "hot", "cold", "warm", "standard", "infrequent", "frequent", "premium", "basic",
        "tier", "class", "fast", "slow", "small", "medium", "large", "first", "next", "above", "over", "fee",
        "charge", "price", "rate", "cost", "usage", "use",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="word">In small Latin letters, as names are read.</param>
    public static bool Has(string word) => (word.Length == 1 && char.IsAsciiLetter(word[0])) || All.Contains(word);
}
