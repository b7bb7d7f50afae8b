using System.Text.Json.Serialization;
using DeployOps.Phases;

namespace DeployOps.Plans.Approvals;

/// <summary>Somebody's word that a release may be carried out exactly as its files stand, within a time.</summary>
public sealed record PlanApproval
{
    /// <summary>How long an approval counts where nothing else is said: 4 hours, the shift of who gave it.</summary>
    public static readonly TimeSpan DefaultValidity = TimeSpan.FromHours(4);

    /// <summary>The shortest an approval may count: a minute. What is over before another person could start is a slip of the hand.</summary>
    public static readonly TimeSpan ShortestValidity = TimeSpan.FromMinutes(1);

    /// <summary>The longest an approval may count: 30 days. What was agreed longer ago is agreed anew.</summary>
    public static readonly TimeSpan LongestValidity = TimeSpan.FromDays(30);

    /// <summary>The version of the format that is written; no other is read.</summary>
    public const int FormatVersion = 1;

    /// <summary>The version of the format this approval has.</summary>
    [JsonRequired]
    public int Format { get; init; } = FormatVersion;

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>Where it is released to.</summary>
    public required string Environment { get; init; }

    /// <summary>The version it is released as.</summary>
    public required string Release { get; init; }

    /// <summary>The digest over <see cref="Files"/>, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>The files, sorted by path.</summary>
    public required IReadOnlyList<ApprovedHash> Files { get; init; }

    /// <summary>Who approved.</summary>
    public required string ApprovedBy { get; init; }

    /// <summary>On which machine.</summary>
    public required string Host { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Until when it counts, UTC, up to and including.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Succeeded; Planned under -WhatIf, where nothing was approved yet. It is not written down.</summary>
    [JsonIgnore]
    public PhaseOutcome Outcome { get; init; } = PhaseOutcome.Succeeded;

    /// <summary>The full path of the plan, by which an approval may be piped to what takes one. It is not written down.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";

    /// <summary>Approves a plan with its files as they were captured.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="files">Its files.</param>
    /// <param name="approver">Who approves.</param>
    /// <param name="now">The time.</param>
    /// <param name="validity">How long it counts: at least <see cref="ShortestValidity"/>, at most <see cref="LongestValidity"/>; <see cref="DefaultValidity"/> where null.</param>
    /// <exception cref="DeployOpsException"><c>ApprovalValidityOutOfRange</c>.</exception>
    public static PlanApproval Approve(DeploymentPlan plan, ApprovedFiles files, OperatorIdentity approver, DateTimeOffset now, TimeSpan? validity = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(approver);
        var span = validity ?? DefaultValidity;
        if (span < ShortestValidity || span > LongestValidity)
        {
            throw new DeployOpsException(
                "ApprovalValidityOutOfRange",
                FaultKind.InvalidData,
                $"An approval cannot count for {span:c}: it must be at least {ShortestValidity:c} and at most {LongestValidity:c}.")
            {
                Target = plan.Path,
            };
        }

        var at = now.ToUniversalTime();
        return new PlanApproval
        {
            Path = plan.Path,
            Service = plan.Service,
            Environment = plan.Environment,
            Release = plan.Release,
            Digest = files.Digest,
            Files = [.. files.Files.Select(file => new ApprovedHash(file.Path, file.Sha256))],
            ApprovedBy = approver.Name,
            Host = approver.Host,
            At = at,
            Expires = at + span,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Service} {Release} to {Environment}: approved by {ApprovedBy} until {Expires:u}";
}
