namespace Shop.Load;

/// <summary>What the load came to so far.</summary>
/// <param name="Sent">Requests that have ended, well or not.</param>
/// <param name="Failed">Of these, those with a status of 500 or more, no answer, or no answer in time.</param>
/// <param name="Refused">Of these, those with a status from 400 to 499: the load itself asked wrongly.</param>
/// <param name="InFlight">Requests that have not ended.</param>
/// <param name="Finished">Whether this is the last report.</param>
/// <param name="LastFailures">The last failures, newest last.</param>
internal sealed record LoadReport(long Sent, long Failed, long Refused, int InFlight, bool Finished, IReadOnlyList<string> LastFailures);
