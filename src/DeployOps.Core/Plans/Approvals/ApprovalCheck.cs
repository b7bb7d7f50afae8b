namespace DeployOps.Plans.Approvals;

/// <summary>Compares what is about to be carried out, and by whom, with what was approved.</summary>
public static class ApprovalCheck
{
    /// <summary>How far the clocks of two machines may differ: 5 minutes.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);

    /// <summary>Everything that differs; empty where the plan may go ahead.</summary>
    /// <param name="plan">The plan as it is now.</param>
    /// <param name="files">Its files as they are now.</param>
    /// <param name="approval">The approval, or null where there is none.</param>
    /// <param name="now">The time.</param>
    /// <param name="executor">Who starts.</param>
    public static IReadOnlyList<PlanDeviation> Check(DeploymentPlan plan, ApprovedFiles files, PlanApproval? approval, DateTimeOffset now, OperatorIdentity executor)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(executor);
        var deviations = new List<PlanDeviation>();
        if (approval is null)
        {
            deviations.Add(new("PlanNotApproved", $"Nobody approved the plan '{plan.Path}': have Approve-DeploymentPlan run by another person."));
        }
        else
        {
            deviations.AddRange(Time(approval, now));
            deviations.AddRange(Subject(plan, approval));
            deviations.AddRange(Changes(files, approval));
            deviations.AddRange(Approver(plan, approval, executor));
        }

        if (plan.Team.Executor is { } expected && !OperatorIdentity.AreSame(expected, executor.Name))
        {
            deviations.Add(new("ExecutorNotInTeam", $"The plan wants '{expected}' to carry it out, and '{executor.Name}' started it."));
        }

        return deviations;
    }

    private static IEnumerable<PlanDeviation> Time(PlanApproval approval, DateTimeOffset now)
    {
        if (now > approval.Expires)
        {
            yield return new("ApprovalExpired", $"The approval by '{approval.ApprovedBy}' counted until {approval.Expires:u}; it is {now.ToUniversalTime():u}.");
        }
        else if (now < approval.At - ClockDifference)
        {
            yield return new("ApprovalFromFuture", $"The approval by '{approval.ApprovedBy}' is of {approval.At:u}, which is still to come: it is {now.ToUniversalTime():u}. Check the clocks.");
        }
    }

    private static IEnumerable<PlanDeviation> Subject(DeploymentPlan plan, PlanApproval approval)
    {
        if (approval.Service != plan.Service || approval.Environment != plan.Environment || approval.Release != plan.Release)
        {
            yield return new(
                "ApprovalForAnotherPlan",
                $"The approval is for {approval.Service} {approval.Release} to {approval.Environment}; the plan is {plan.Service} {plan.Release} to {plan.Environment}.");
        }
    }

    private static IEnumerable<PlanDeviation> Changes(ApprovedFiles files, PlanApproval approval)
    {
        if (files.Digest == approval.Digest)
        {
            yield break;
        }

        var before = approval.Files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
        var changes = PlanDigest.Differences(before, files.Hashes());
        yield return new("PlanChanged", $"Since the approval of {approval.At:u}: {string.Join(", ", changes)}.");
    }

    private static IEnumerable<PlanDeviation> Approver(DeploymentPlan plan, PlanApproval approval, OperatorIdentity executor)
    {
        if (plan.Team.Lead is { } lead && !OperatorIdentity.AreSame(lead, approval.ApprovedBy))
        {
            yield return new("ApprovalByAnother", $"The plan wants the approval of '{lead}'; '{approval.ApprovedBy}' gave it.");
        }

        if (OperatorIdentity.AreSame(approval.ApprovedBy, executor.Name))
        {
            yield return new("FourEyes", $"'{executor.Name}' approved the plan and starts it: another person must have looked at it.");
        }
    }
}
