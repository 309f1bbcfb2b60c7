import java.net.HttpURLConnection;
import java.net.URL;

/** A Java client as people write it: Client URL. */
public class Client {
  public static void main(String[] args) throws Exception {
    System.out.println(((HttpURLConnection) new URL(args[0]).openConnection()).getResponseCode());
  }
}
