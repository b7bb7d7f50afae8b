using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace DeployOps.Adapters.Notices;

/// <summary>How every channel tries: a few times within some seconds, since a phase waits for it, and the next command tries again.</summary>
internal static class ChannelTries
{
    /// <summary>For all tries of one notice together: a phase waits this long at most for a channel that is dead.</summary>
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Each = TimeSpan.FromSeconds(4);

    /// <summary>Makes the tries.</summary>
    /// <param name="passes">Whether another try may help against what was met.</param>
    /// <param name="timeProvider">The clock.</param>
    internal static ResiliencePipeline Of(Func<Exception, bool> passes, TimeProvider timeProvider) => new ResiliencePipelineBuilder { TimeProvider = timeProvider }
        .AddTimeout(Whole)
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(300),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<TimeoutRejectedException>().Handle<Exception>(passes),
        })
        .AddTimeout(Each)
        .Build();

    /// <summary>The error of a channel that did not take a notice.</summary>
    internal static DeployOpsException NotTaken(string fact, string nextStep, Exception? cause = null) => new("NoticeNotTaken", FaultKind.Failed, fact, nextStep, cause);

    /// <summary>The error of a channel that did not take a notice because nobody answers: who has others for it need not wait for that again.</summary>
    internal static DeployOpsException NotReached(string fact, string nextStep, Exception? cause = null) => new("NoticeNotTaken", FaultKind.Timeout, fact, nextStep, cause);

    /// <summary>The one error of a channel that refuses a notice, be it for what that holds or for how the channel is set.</summary>
    internal static DeployOpsException Refused(string fact, string nextStep, Exception? cause = null) => new("NoticeRefused", FaultKind.InvalidData, fact, nextStep, cause);
}
