import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/** A resource manager and a node manager of Hadoop's own, until standard input ends. */
public final class YarnCluster {
    /** Arguments: the folder to write yarn-site.xml into, when it runs; the node's memory, in MB. */
    public static void main(String[] arguments) throws Exception {
        try {
            start(Path.of(arguments[0]), arguments[1]);
            while (System.in.read() >= 0) {
                // The parent holds the other end; when it dies, however it dies, the input ends.
            }
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private static void start(Path folder, String memory) throws Exception {
        MiniYARNCluster cluster = new MiniYARNCluster("yarn", 1, 1, 1);
        cluster.init(settings(memory));
        cluster.start();
        if (!cluster.waitForNodeManagersToConnect(TimeUnit.SECONDS.toMillis(60))) {
            throw new IllegalStateException("The node manager did not connect");
        }
        write(cluster.getConfig(), folder.resolve("yarn-site.xml"));
    }

    private static YarnConfiguration settings(String memory) {
        YarnConfiguration settings = new YarnConfiguration();
        settings.set("yarn.minicluster.yarn.nodemanager.resource.memory-mb", memory);
        settings.set("yarn.scheduler.minimum-allocation-mb", "128");
        // The file with the scheduler's settings is not in the jar of the cluster.
        settings.set("yarn.scheduler.capacity.root.queues", "default");
        settings.set("yarn.scheduler.capacity.root.default.capacity", "100");
        settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.8");
        // Nodes call themselves unhealthy where the disk is nearly full.
        settings.set("yarn.nodemanager.disk-health-checker.enable", "false");
        // The roles of a cluster's instances are the node's, and so are these.
        settings.set(
            "yarn.nodemanager.env-whitelist",
            "JAVA_HOME,AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_ENDPOINT_URL_S3,AWS_REGION");
        return settings;
    }

    private static void write(Configuration settings, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream stream = Files.newOutputStream(part)) {
            settings.writeXml(stream);
        }
        Files.move(part, file);
    }
}
