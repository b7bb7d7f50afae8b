using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Rollouts;

/// <summary>What it answers is tested with the rollout; here is how often it asks.</summary>
public class MixedVersionsGateTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(0.5, 14)]
    [InlineData(0.25, 33)]
    [InlineData(0.1, 88)]
    [InlineData(0.001, 1000)]
    public void It_asks_until_missing_the_share_is_as_unlikely_as_one_in_ten_thousand(double share, int answers) =>
        MixedVersionsGate.Answers(share).ShouldBe(answers);
}
