namespace Exchange.Metering.Collectors;

/// <summary>A state that a server came into, by which act, and with what shape.</summary>
internal readonly record struct NovaStep(NovaAct Act, ResourceState State, Shape Shape);

/// <summary>
/// What a server was doing, from what was done to it. An act that failed leaves it in error, as the incumbent
/// counts it; where such a failure leaves a server as it was, the shape says which act failed and what the server
/// went on doing, so that a landlord's policy can choose. A server that comes back after it was deleted is told in the
/// same way: the incumbent passes over its 'restore'. A server deleted by force ends with its row.
/// </summary>
internal static class NovaHistory
{
    private static readonly Dictionary<string, ResourceState> Leads = new(StringComparer.OrdinalIgnoreCase)
    {
        ["create"] = ResourceState.Running,
        ["start"] = ResourceState.Running,
        ["unshelve"] = ResourceState.Running,
        ["resume"] = ResourceState.Running,
        ["unpause"] = ResourceState.Running,
        ["restore"] = ResourceState.Running,
        ["stop"] = ResourceState.Stopped,
        ["suspend"] = ResourceState.Suspended,
        ["pause"] = ResourceState.Paused,
        ["shelve"] = ResourceState.Shelved,
        ["delete"] = ResourceState.Deleted,
    };

    /// <summary>From these on a server may have another shape; before them the dump no longer knows which.</summary>
    private static readonly HashSet<string> Resizes =
        new(StringComparer.OrdinalIgnoreCase) { "resize", "confirmResize", "revertResize" };

    private static readonly HashSet<string> HarmlessFailures = new(StringComparer.OrdinalIgnoreCase)
    {
        "attach_volume", "detach_volume", "swap_volume", "extend_volume", "attach_interface", "detach_interface",
        "createImage", "createBackup", "changePassword", "trigger_crash_dump", "live-migration", "reboot", "lock",
        "unlock",
    };

    /// <summary>
    /// The acts that the incumbent knows; a server in error stays in it, for NERC, until one of them.
    /// </summary>
    private static readonly HashSet<string> EndErrors =
        new(StringComparer.OrdinalIgnoreCase) { "create", "start", "unshelve", "stop", "shelve", "delete" };

    public static IEnumerable<NovaStep> Of(IEnumerable<NovaAct> acts, Shape shape)
    {
        ResourceState? state = null;
        ResourceState? goesOn = null;
        var failed = default(NovaAct);
        foreach (var act in acts.OrderBy(a => a.At).ThenBy(a => a.Number))
        {
            if (act.Failed)
            {
                goesOn = HarmlessFailures.Contains(act.Name) ? goesOn : null;
                if (state != ResourceState.Error || goesOn is null)
                {
                    (state, failed) = (ResourceState.Error, act);
                    yield return new(act, ResourceState.Error, goesOn is { } went ? Marked(shape, act, went) : shape);
                }
            }
            else if (Leads.TryGetValue(act.Name, out var next))
            {
                goesOn = next;
                if (state == ResourceState.Deleted && !EndErrors.Contains(act.Name))
                {
                    failed = act; // The incumbent does not know that a server can come back, and leaves it free.
                    state = ResourceState.Error;
                }

                var isStillError = state == ResourceState.Error && !EndErrors.Contains(act.Name);
                state = isStillError ? ResourceState.Error : next;
                yield return new(act, state.Value, isStillError ? Marked(shape, failed, next) : shape);
            }
            else if (Resizes.Contains(act.Name) && state is { } same)
            {
                var marked = same == ResourceState.Error && goesOn is { } still
                    ? Marked(shape, failed, still)
                    : shape;
                yield return new(act, same, marked);
            }
        }
    }

    private static Shape Marked(Shape shape, NovaAct act, ResourceState still) => Shape.Of(
    [
        .. shape.Values,
        new("failed_action", act.Name),
        new("state_before", still.ToString().ToLowerInvariant()),
    ]);
}
