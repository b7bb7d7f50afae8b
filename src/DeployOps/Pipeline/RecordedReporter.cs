using System.Diagnostics;
using DeployOps.Operations;

namespace DeployOps.Pipeline;

/// <summary>Shows what the domain tells, and has it in the operations log and on the verbose stream too; of progress at most one event a second.</summary>
/// <param name="shown">Shows it.</param>
/// <param name="tell">Records it.</param>
internal sealed class RecordedReporter(IStepReporter shown, Action<OperationLevel, string> tell) : IStepReporter
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long last;
    private string? said;

    public void Progress(string activity, string status, int? percent = null)
    {
        shown.Progress(activity, status, percent);
        var text = status.Length == 0 ? activity : $"{activity}: {status}";
        if (text != said && (said is null || Stopwatch.GetElapsedTime(last) >= Interval))
        {
            (said, last) = (text, Stopwatch.GetTimestamp());
            tell(OperationLevel.Debug, text);
        }
    }

    public void Warn(string message)
    {
        tell(OperationLevel.Warning, message);
        shown.Warn(message);
    }

    public async Task<bool?> AskAsync(string question, CancellationToken cancellationToken) => Told(question, await shown.AskAsync(question, cancellationToken));

    public async Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken) => Told(question, await shown.ProposeAsync(question, cancellationToken));

    public async Task<string?> AskTextAsync(string question, CancellationToken cancellationToken)
    {
        var answer = await shown.AskTextAsync(question, cancellationToken);
        tell(OperationLevel.Information, $"asked '{question}': {(answer is null ? "nobody answered" : $"'{answer}'")}");

        return answer;
    }

    private bool? Told(string question, bool? answer)
    {
        tell(OperationLevel.Information, $"asked '{question}': {answer switch { true => "yes", false => "no", _ => "nobody answered" }}");
        return answer;
    }
}
